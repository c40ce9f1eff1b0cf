package director

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Error is the error of a response.
type Error struct {
	Type      string `json:"type"`
	Message   string `json:"message"`
	OKToRetry bool   `json:"ok_to_retry"`
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// ReadResponse decodes the CPI's output as a director does: one document with
// result, error and a log string. The error of a response is returned as
// *Error.
func ReadResponse(stdout []byte) (json.RawMessage, error) {
	var response map[string]json.RawMessage
	if err := json.Unmarshal(stdout, &response); err != nil {
		return nil, fmt.Errorf("stdout is not one JSON object: %w: %q", err, stdout)
	}
	for _, key := range []string{"result", "error", "log"} {
		if _, ok := response[key]; !ok {
			return nil, fmt.Errorf("the response has no %q: %q", key, stdout)
		}
	}
	var log *string
	if err := json.Unmarshal(response["log"], &log); err != nil || log == nil {
		return nil, errors.New("the response's log is not a string")
	}
	var failure *Error
	if err := json.Unmarshal(response["error"], &failure); err != nil {
		return nil, fmt.Errorf("the response's error is neither null nor an object: %w", err)
	}
	if failure != nil {
		return nil, failure
	}
	return response["result"], nil
}
