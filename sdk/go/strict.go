package latchkey

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth says how deep objects and lists may be nested.
const maxDepth = 127

var (
	errBase64 = errors.New("not base64url")
	errJSON   = errors.New("not a JSON object without duplicate members")
)

// decodeBase64url decodes base64url without padding; spare bits must be zero (RFC 4648 §3.5).
func decodeBase64url(text string) ([]byte, error) {
	// The library skips line ends.
	if strings.ContainsAny(text, "\r\n") {
		return nil, errBase64
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}

// parseObject reads a JSON object without duplicate members at any depth: of two, one reader takes the first and another the
// last. Numbers are of type json.Number.
func parseObject(data []byte) (map[string]any, error) {
	if !utf8.Valid(data) || !json.Valid(data) || hasLoneSurrogate(data) {
		return nil, errJSON
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	value, err := readValue(decoder, 0)
	if err != nil {
		return nil, err
	}
	object, isObject := value.(map[string]any)
	if !isObject {
		return nil, errJSON
	}
	return object, nil
}

func readValue(decoder *json.Decoder, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Number:
		if _, err := strconv.ParseFloat(token.String(), 64); err != nil {
			return nil, errJSON
		}
		return token, nil
	case json.Delim:
		if depth == maxDepth {
			return nil, errJSON
		}
		if token == '{' {
			return readMembers(decoder, depth)
		}
		return readItems(decoder, depth)
	default:
		return token, nil
	}
}

func readMembers(decoder *json.Decoder, depth int) (any, error) {
	members := map[string]any{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, isString := token.(string)
		if _, isThere := members[name]; isThere || !isString {
			return nil, errJSON
		}
		if members[name], err = readValue(decoder, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token()
	return members, err
}

func readItems(decoder *json.Decoder, depth int) (any, error) {
	items := []any{}
	for decoder.More() {
		item, err := readValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := decoder.Token()
	return items, err
}

// hasLoneSurrogate looks for half of a character in JSON, which the library would replace.
func hasLoneSurrogate(data []byte) bool {
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' {
			continue
		}
		i++
		if data[i] != 'u' {
			continue
		}
		first := unit(data[i+1:])
		i += 4
		switch {
		case first >= 0xdc00 && first <= 0xdfff:
			return true
		case first >= 0xd800 && first <= 0xdbff:
			rest := data[i+1:]
			if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' {
				return true
			}
			if second := unit(rest[2:]); second < 0xdc00 || second > 0xdfff {
				return true
			}
			i += 6
		}
	}
	return false
}

// unit reads the four hexadecimal digits of an escape in valid JSON.
func unit(digits []byte) uint64 {
	value, _ := strconv.ParseUint(string(digits[:4]), 16, 32)
	return value
}
