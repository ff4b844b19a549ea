package tree

// What definitions may be multiplied to: defaults that hold for every service,
// variables that stand in each other, bundles that hold bundles. No honest tree
// comes near; a bad one must not take PID 1's memory.
const (
	allowanceMost = 128 << 20 // bytes, roughly
	perValue      = 200       // a value in a table
	perEdge       = 200       // a dependency
)

// An allowance is how much may still be made out of the definitions.
type allowance struct {
	left   int
	report *Report
}

// spend takes some of it, and reports once, at the given place, that there is no
// more.
func (a *allowance) spend(n int, in *source, at span) bool {
	if a.left < 0 {
		return false
	}
	if a.left -= n; a.left < 0 {
		f := Fault{Message: "with this the definitions grow beyond 128 MiB", Hint: "defaults, bundles or variables multiply each other"}
		if in != nil {
			f.Spot = in.spot(at)
		}
		a.report.add(f)
		return false
	}
	return true
}
