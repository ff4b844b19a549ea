package tree

import (
	"strings"
	"unicode"

	"github.com/BurntSushi/toml"
)

// A Schema is a JSON Schema, or a part of one. It keeps to what draft 7 and draft
// 2020-12 have in common, for some editors know no more.
type Schema map[string]any

// JSONSchema describes a definition file for editors and other tools. Whatever the
// loader takes is valid; what depends on more than one value, the loader alone knows.
func JSONSchema() Schema {
	top, defs := Schema{}, Schema{}
	for _, t := range append(Tables(), Table{"defaults", "keys of every service of this layer and of those above it", longrunKeys}) {
		top[t.Name] = Schema{"$ref": "#/$defs/" + t.Name}
		if depthOf(t.Name) == 2 {
			top[t.Name] = Schema{"type": "object", "propertyNames": named(), "additionalProperties": top[t.Name]}
		}
		defs[t.Name] = tableSchema(t.Keys)
		defs[t.Name].(Schema)["description"] = t.Doc
	}
	return Schema{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"title":   "bole", "description": "a definition file of bole",
		"type": "object", "properties": top, "additionalProperties": false, "$defs": defs,
	}
}

// named is the name in a header; no variable is put into it.
func named() Schema { return Schema{"pattern": "^(" + namePattern + ")$", "maxLength": nameMost} }

// tableSchema is a table with these keys alone.
func tableSchema(keys []Key, needed ...string) Schema {
	properties := Schema{}
	for _, k := range keys {
		properties[k.Name] = k.schema()
	}
	s := Schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(needed) > 0 {
		s["required"] = needed
	}
	return s
}

// schema is the key's type with what people want to know of the key. All of it stands
// in one place, and not behind a $ref: editors do not look beside that.
func (k *Key) schema() Schema {
	s := k.Type.Schema()
	s["description"] = k.Doc
	if v, ok := tomlValue(k.Default); ok {
		s["default"] = v
	} else if k.Default != "" {
		s["description"] = k.Doc + "; default: " + k.Default
	}
	if v, ok := tomlValue(k.Example); ok {
		s["examples"] = []any{v}
	}
	return s
}

// tomlValue is the value that a text in TOML stands for, if it is TOML: a default may
// be said in words.
func tomlValue(text string) (any, bool) {
	var doc map[string]any
	_, err := toml.Decode("v = "+text, &doc)
	return doc["v"], err == nil
}

func anyOf(alternatives ...Schema) Schema { return Schema{"anyOf": alternatives} }

func arrayOf(items Schema) Schema { return Schema{"type": "array", "items": items} }

func orArray(item Schema) Schema { return anyOf(item, arrayOf(item)) }

func enumOf(words []string) Schema { return Schema{"enum": words} }

func integer(least, most int64) Schema {
	return Schema{"type": "integer", "minimum": least, "maximum": most}
}

// startsVariable is where a variable begins in a string: what the string will be is
// not known.
const startsVariable = `\$\{`

func expandedLater() Schema { return Schema{"type": "string", "pattern": startsVariable} }

// pattern is a string that matches as a whole, or has a variable in it.
func pattern(p string) Schema {
	return Schema{"type": "string", "pattern": startsVariable + "|^(" + p + ")$"}
}

// anyCase matches names in upper or lower case, with or without what all begin with.
func anyCase(prefix string, names []string) string {
	var words []string
	for _, name := range names {
		words = append(words, eitherCase(strings.TrimPrefix(name, prefix)))
	}
	return "(" + eitherCase(prefix) + ")?(" + strings.Join(words, "|") + ")"
}

func eitherCase(word string) string {
	var b strings.Builder
	for _, c := range word {
		if low := unicode.ToLower(c); low != c {
			b.WriteString("[" + string(c) + string(low) + "]")
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}
