package tree

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"bole/tree/procattr"
)

// A Type is what may be written for a key.
type Type struct {
	Words  string          // as the manual says it
	Schema func() Schema   // as JSON Schema says it
	Parts  []Key           // the keys inside, if it is a table whose keys are known
	words  func() []string // some of what it takes, for completion; nil: nobody can tell
}

// Words are some of those that a longrun's key takes: names in a list, or the keys of
// a table. Completion offers them.
func Words(key string) []string {
	k := findKey(longrunKeys, key)
	switch {
	case k != nil && k.Type.words != nil:
		return k.Type.words()
	case k != nil:
		return keyNames(k.Type.Parts)
	}
	return nil
}

// The types that several keys have. Schemas are functions, for only one verb wants
// them, and the tables of keys are made whenever bole starts.
var (
	textType         = &Type{Words: "string", Schema: textSchema}
	boolType         = &Type{Words: "boolean", Schema: boolSchema}
	durationType     = &Type{Words: "duration", Schema: durationSchema}
	commandType      = &Type{Words: "command", Schema: commandSchema}
	pathType         = &Type{Words: "path", Schema: pathSchema}
	addressType      = &Type{Words: "HOST:PORT", Schema: func() Schema { return pattern(".*:.+") }}
	variablesType    = &Type{Words: "table of strings", Schema: variablesSchema}
	envFileType      = &Type{Words: "path, or array of paths", Schema: func() Schema { return orArray(Schema{"type": "string"}) }}
	accountType      = &Type{Words: "name or number", Schema: accountSchema}
	namesType        = &Type{Words: "array of names", Schema: func() Schema { return arrayOf(nameSchema()) }}
	signalsType      = &Type{Words: "array of signals", Schema: func() Schema { return arrayOf(signalSchema()) }}
	codesType        = &Type{Words: "array of exit codes and signal names", Schema: codesSchema, words: signalNames}
	dependencyType   = listType("array of names or { service, until }", nameSchema, dependencyParts, "service")
	signalType       = &Type{Words: "signal name or number", Schema: signalSchema}
	capabilitiesType = &Type{Words: "array of names", Schema: capabilitiesSchema, words: procattr.CapabilityNames}
)

func choiceType(choices []string) *Type {
	return &Type{Words: "one of " + strings.Join(choices, ", "), Schema: func() Schema { return anyOf(enumOf(choices), expandedLater()) }}
}

func numberType(least, most int64) *Type {
	return &Type{Words: "integer", Schema: func() Schema { return integer(least, most) }}
}

// octalType goes up to a number of sevens.
func octalType(most int) *Type {
	digits := len(strconv.FormatInt(int64(most), 8))
	return &Type{Words: "octal number in quotes", Schema: func() Schema { return pattern(fmt.Sprintf("0*[0-7]{1,%d}", digits)) }}
}

// tableType is a table with these keys alone; those that it cannot be without are
// needed.
func tableType(words string, parts []Key, needed ...string) *Type {
	return &Type{Words: words, Schema: func() Schema { return tableSchema(parts, needed...) }, Parts: parts}
}

// listType is an array of single values, or of tables that say more.
func listType(words string, single func() Schema, parts []Key, needed ...string) *Type {
	return &Type{Words: words, Schema: func() Schema { return arrayOf(anyOf(single(), tableSchema(parts, needed...))) }, Parts: parts}
}

func textSchema() Schema { return Schema{"type": "string"} }
func boolSchema() Schema { return Schema{"type": "boolean"} }

// filledSchema is a string that is not empty.
func filledSchema() Schema { return Schema{"type": "string", "minLength": 1} }

func durationSchema() Schema {
	return pattern(`0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h))+`)
}

func commandSchema() Schema {
	words := arrayOf(Schema{"type": "string"})
	words["minItems"] = 1
	return anyOf(filledSchema(), words)
}

func pathSchema() Schema { return pattern("/.*") }

// nameSchema is what validName takes.
func nameSchema() Schema { return pattern(namePattern) }

func variablesSchema() Schema {
	return Schema{"type": "object", "additionalProperties": textSchema(), "propertyNames": Schema{"pattern": "^[^=]+$", "not": Schema{"const": "BOLE_SERVICE"}}}
}

func accountSchema() Schema {
	return anyOf(filledSchema(), integer(0, math.MaxUint32-1))
}

func switchSchema() Schema {
	return anyOf(boolSchema(), pattern("1|0|t|f|T|F|[Tt]rue|[Ff]alse|TRUE|FALSE"))
}

func instancesSchema() Schema { return anyOf(integer(1, instancesMost), pattern("[0-9]+")) }

func stdinSchema() Schema { return anyOf(enumOf([]string{"null", Inherit}), pathSchema()) }

// signalWords is a signal's name in any case, with or without SIG.
func signalWords() Schema {
	return anyOf(enumOf(signalNames()), Schema{"type": "string", "pattern": "^(" + anyCase("SIG", signalNames()) + "|([Ss][Ii][Gg])?[Rr][Tt]([Mm][Ii][Nn]|[Mm][Aa][Xx])([+-][0-9]+)?)$"})
}

func signalSchema() Schema {
	return anyOf(signalWords(), pattern("0*([1-9]|[1-5][0-9]|6[0-4])"), integer(1, 64))
}

func reloadSchema() Schema { return anyOf(enumOf(signalNames()), commandSchema()) }

func codesSchema() Schema { return arrayOf(anyOf(integer(0, math.MaxUint8), signalWords())) }

func capabilitiesSchema() Schema {
	names := procattr.CapabilityNames()
	return arrayOf(anyOf(enumOf(names), pattern(anyCase("CAP_", names))))
}

func cpusSchema() Schema {
	numbers := arrayOf(integer(0, procattr.CPUsMost-1))
	numbers["minItems"] = 1
	return anyOf(pattern("[0-9, -]+"), numbers)
}

// amountSchema is what a limit takes: a number of something, or a size.
func amountSchema(bytes bool) Schema {
	words := "unlimited|[0-9]+"
	if bytes {
		words = "unlimited|" + sizePattern()
	}
	return anyOf(Schema{"type": "integer", "minimum": 0}, pattern(words))
}

func sizePattern() string {
	var units []string
	for unit := range sizeUnits {
		units = append(units, unit)
	}
	slices.Sort(units)
	return "[0-9]+ *(" + strings.Join(units, "|") + ")"
}

// limitsType has a key for each resource that there is.
func limitsType() *Type {
	var parts []Key
	for _, name := range procattr.LimitNames() {
		parts = append(parts, Key{Name: name, Type: limitType(procattr.InBytes(name)), Doc: "RLIMIT_" + strings.ToUpper(name) + ", see getrlimit(2)", Example: "1024"})
	}
	return tableType("table of numbers, sizes, \"unlimited\" or { soft, hard }", parts)
}

func limitType(bytes bool) *Type {
	amount := &Type{Words: "number or \"unlimited\"", Schema: func() Schema { return amountSchema(bytes) }}
	if bytes {
		amount.Words = "number, size or \"unlimited\""
	}
	return &Type{Words: amount.Words + ", or { soft, hard }", Schema: func() Schema { return anyOf(amountSchema(bytes), tableSchema(boundParts(amount), "soft")) }}
}

func boundParts(amount *Type) []Key {
	return []Key{
		{Name: "soft", Type: amount, Doc: "the limit that counts", Example: "512"},
		{Name: "hard", Type: amount, Default: "as it is", Doc: "up to where the process may raise it", Example: "1024"},
	}
}
