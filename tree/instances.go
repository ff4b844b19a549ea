package tree

import (
	"fmt"
	"strconv"
)

// instancesMost is how many instances a service has at most.
const instancesMost = 1000

// services compiles one definition to the services that it means: itself, or its
// instances and their bundle.
func (l *loader) services(k *linker, x *layered, standard Service, keys []Key, all *entries, b bases) {
	n := l.instances(x, all, b)
	if n == 0 {
		d := l.define(x)
		d.compileService(standard, keys, all, b)
		k.services = append(k.services, d)
		return
	}
	bundle := l.define(x)
	for i := 1; i <= n; i++ {
		d := l.define(x)
		if i > 1 && l.report.Errors() > 0 {
			d.report = &Report{} // they would say the same
		}
		d.instance = strconv.Itoa(i)
		d.compileService(standard, keys, all, b)
		bundle.Description = d.Description
		bundle.members = append(bundle.members, name{text: d.Name, in: x.in, at: x.at, key: "instances"})
		k.services = append(k.services, d)
	}
	k.bundles = append(k.bundles, bundle)
}

// instances is how many there are to be; 0 is a service that is one and has no number.
func (l *loader) instances(x *layered, all *entries, b bases) int {
	e := all.get("instances")
	if e == nil {
		return 0
	}
	d := l.define(x)
	d.environ, d.keys = b.full, all
	v := newValue(d, e)
	if s, ok := v.v.(string); ok {
		s, ok = v.expand(s)
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil && ok && !(s == "" && d.environ.lenient) {
			v.fail("", "instances expands to %s, which is no number", quoted(s))
		}
		if err != nil {
			return 0
		}
		v.v = n
	}
	n, _ := v.number(1, instancesMost)
	if n == 1 {
		return 0
	}
	return int(n)
}

// instanceOf is an instance's name.
func instanceOf(service, instance string) string {
	if instance == "" {
		return service
	}
	return fmt.Sprintf("%s@%s", service, instance)
}
