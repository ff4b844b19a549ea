// Package tree turns definition files into a Tree: every service with every value
// decided and checked, and who depends on whom.
//
//	t, report := tree.Load([]string{"/etc/bole"}, tree.Options{Environ: os.Environ()})
//	if t == nil {
//		fmt.Fprint(os.Stderr, report) // every fault, with its place
//	}
//
// Files become declarations (read.go), declarations become layered ones with the
// defaults below them (merge.go), each is compiled by the one description of the
// keys (keys.go), and the names in it are linked to a graph (link.go). Nothing stops
// at the first fault: all of them are in one report.
package tree

import (
	"bole/tree/accounts"

	"slices"
	"strings"
	"time"
)

// Options say how definitions are to be read.
type Options struct {
	Environ  []string // of the container, NAME=value: what services inherit
	Portable bool     // this is not the machine that will run them: what it lacks is no fault
	Machine  bool     // look for the programs, users and directories that are named; warn of those missing

	Command      []string // to be run in the foreground when all else has settled; nil: there is none
	SuccessCodes Codes    // its ends that count as 0, besides 0 itself
}

// Load reads definitions. Each PATH is a file, or a directory whose *.toml are read
// in name order; a later PATH is a layer on top of the earlier ones. With an error
// in the report the Tree is nil; warnings alone leave it whole.
func Load(paths []string, o Options) (*Tree, *Report) {
	report := &Report{}
	r := &reader{report: report}
	for layer, path := range paths {
		r.read(path, layer)
	}
	l := &loader{Options: o, report: report, allowance: &allowance{allowanceMost, report}}
	t := l.compile(merge(r.decls, len(paths), report, l.allowance))
	if report.sort(); report.Errors() > 0 {
		return nil, report
	}
	return t, report
}

// A loader compiles what was read.
type loader struct {
	Options
	report    *Report
	allowance *allowance
	accounts  map[string]*accounts.Files // by root directory
}

// bases are the environments below every service's own.
type bases struct{ full, cleared *environment }

func (l *loader) compile(m *merger) *Tree {
	tree := l.settings(m.tree)
	b := bases{l.base(tree, l.Environ, l.report), l.base(tree, nil, &Report{})} // the second time its faults are said already
	l.checkDefaults(m, b.full)
	k := &linker{report: l.report, allowance: l.allowance, byName: make(map[string]int, len(m.order)), inBundle: map[string][]int{}}
	for _, x := range m.order {
		l.add(k, m, x, b)
	}
	if l.Command != nil {
		l.foreground(k, b.full)
	}
	order, ok := k.link()
	start := l.start(tree, k)
	if !ok || l.report.Errors() > 0 {
		return nil
	}
	t := assemble(k, order, tree.settings, start)
	l.warn(t, k, order)
	return t
}

// add compiles one definition, without its links.
func (l *loader) add(k *linker, m *merger, x *layered, b bases) {
	switch x.kind {
	case "service":
		l.services(k, x, standardLongrun, longrunKeys, m.withDefaults(x, isLongrunKey), b)
	case "oneshot":
		l.services(k, x, standardOneshot, oneshotKeys, m.withDefaults(x, isSharedKey), b)
	case "bundle":
		d := l.define(x)
		d.environ = b.full
		d.read(bundleKeys, &x.keys)
		k.bundles = append(k.bundles, d)
	}
}

func (l *loader) define(x *layered) *definition {
	return &definition{l: x, report: l.report, loader: l}
}

// settings compiles [tree].
func (l *loader) settings(x *layered) *definition {
	d := l.define(x)
	d.settings = Settings{ShutdownTimeout: 9 * time.Second, OnFailure: Keep, Control: Control{Mode: controlMode}}
	d.environ = newEnvironment(l.Environ, l.Portable)
	d.read(treeKeys, &x.keys)
	return d
}

// base is the environment of a service that adds nothing: what the container
// gives, or nothing, and what [tree] says.
func (l *loader) base(tree *definition, environ []string, report *Report) *environment {
	d := *tree
	d.report = report
	d.setEnviron(newEnvironment(environ, l.Portable), &tree.l.keys)
	return d.environ
}

// checkDefaults reads the defaults once by themselves, so that their faults are
// told once, and not for every service.
func (l *loader) checkDefaults(m *merger, environ *environment) {
	x := m.defaults[len(m.defaults)-1]
	d := l.define(x)
	d.Service = standardLongrun
	lenient := *environ
	lenient.lenient = true // a service's own environment may have what this one has not
	d.setEnviron(&lenient, &x.keys)
	d.read(longrunKeys, &x.keys)
}

func isLongrunKey(name string) bool { return findKey(longrunKeys, name) != nil }

// isSharedKey: a default of a key that means the same for a longrun and a oneshot
// holds for both.
func isSharedKey(name string) bool {
	return name != "restart" && isLongrunKey(name) && findKey(oneshotKeys, name) != nil
}

// start is what up brings up: what [tree] names, or every enabled service.
func (l *loader) start(tree *definition, k *linker) (out []int) {
	if tree.l.keys.get("start") == nil {
		for i, d := range k.services {
			if d.Enabled {
				out = append(out, i)
			}
		}
		return out
	}
	for _, n := range tree.start {
		out = append(out, k.find(tree, n)...)
	}
	if l.Command != nil {
		out = append(out, len(k.services)-1)
	}
	return out
}

// assemble puts what is compiled into its order.
func assemble(k *linker, order []int, settings Settings, start []int) *Tree {
	ids := make([]ID, len(order))
	for id, i := range order {
		ids[i] = ID(id)
	}
	services := make([]Service, len(order))
	for id, i := range order {
		services[id] = k.services[i].Service
		services[id].Needs = k.needs(i, ids)
	}
	var bundles []Bundle
	for _, b := range k.bundles {
		bundles = append(bundles, Bundle{b.l.name, b.Description, toIDs(k.inBundle[b.l.name], ids)})
	}
	slices.SortFunc(bundles, func(a, b Bundle) int { return strings.Compare(a.Name, b.Name) })
	settings.Start = toIDs(start, ids)
	return Assemble(services, bundles, settings)
}

func toIDs(indices []int, ids []ID) []ID {
	out := make([]ID, 0, len(indices))
	for _, i := range indices {
		out = append(out, ids[i])
	}
	slices.Sort(out)
	return slices.Compact(out)
}
