package actor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Read reads JSON as a T. Of a struct, each field has to be there that is no pointer and not omitempty or omitzero; fields
// that nobody asks for are no fault. No text at all is an object without fields.
func Read[T any](text []byte) (T, error) {
	var value T
	wanted := reflect.TypeFor[T]()
	if wanted.Kind() != reflect.Struct || implements(wanted) {
		if len(text) == 0 {
			text = []byte("null")
		}
		return value, misfit(json.Unmarshal(text, &value))
	}
	if len(bytes.TrimSpace(text)) == 0 || bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
		if wanted.NumField() > 0 && len(bytes.TrimSpace(text)) > 0 {
			return value, errors.New("expected an object, not null")
		}
		text = []byte("{}")
	}
	there := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &there); err != nil {
		return value, misfit(err)
	}
	for _, name := range required(wanted) {
		if _, ok := there[name]; !ok {
			return value, fmt.Errorf("missing field `%s`", name)
		}
	}
	return value, misfit(json.Unmarshal(text, &value))
}

func implements(wanted reflect.Type) bool {
	return reflect.PointerTo(wanted).Implements(reflect.TypeFor[json.Unmarshaler]())
}

// fields are the names in JSON of a struct's fields, and whether each has to be there.
func fields(of reflect.Type, each func(name string, required bool)) {
	for field := range of.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.Anonymous && name == "" && field.Type.Kind() == reflect.Struct {
			fields(field.Type, each)
			continue
		}
		if !field.IsExported() || name == "-" && options == "" {
			continue
		}
		if name == "" {
			name = field.Name
		}
		each(name, field.Type.Kind() != reflect.Pointer && !strings.Contains(options, "omit"))
	}
}

func required(of reflect.Type) (names []string) {
	fields(of, func(name string, required bool) {
		if required {
			names = append(names, name)
		}
	})
	return names
}

// shape is the names of a message's fields, as an error shows them.
func shape[M any]() string {
	of := reflect.TypeFor[M]()
	if of.Kind() != reflect.Struct || implements(of) {
		return ""
	}
	var names []string
	fields(of, func(name string, _ bool) { names = append(names, name) })
	if names == nil {
		return ""
	}
	return " {" + strings.Join(names, ", ") + "}"
}

// misfit says what would be right in the contract's words, not in Go's.
func misfit(err error) error {
	var kind *json.UnmarshalTypeError
	if !errors.As(err, &kind) {
		return err
	}
	found, digits, _ := strings.Cut(kind.Value, " ")
	found = map[string]string{
		"bool": "a boolean", "number": "a number", "string": "a string", "array": "a list", "object": "an object",
	}[found]
	if digits != "" {
		found = digits
	}
	expected := kind.Type.String()
	switch kind.Type.Kind() {
	case reflect.Bool:
		expected = "a boolean"
	case reflect.String:
		expected = "a string"
	case reflect.Slice, reflect.Array:
		expected = "a list"
	case reflect.Map, reflect.Struct:
		expected = "an object"
	case reflect.Float32, reflect.Float64:
		expected = "a number"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		expected = "a whole number"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		expected = "a whole number of at least 0"
	}
	if kind.Field == "" {
		return fmt.Errorf("expected %s, not %s", expected, found)
	}
	return fmt.Errorf("field `%s`: expected %s, not %s", kind.Field, expected, found)
}

// write is a body: nil is none, and a json.RawMessage is as it is.
func write(body any) ([]byte, error) {
	switch body := body.(type) {
	case nil:
		return nil, nil
	case json.RawMessage:
		return body, nil
	default:
		return json.Marshal(body)
	}
}
