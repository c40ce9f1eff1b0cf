package director

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Error is the error of an answer.
type Error struct {
	Type      string `json:"type"`
	Message   string `json:"message"`
	OKToRetry bool   `json:"ok_to_retry"`
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// ReadAnswer holds what the CPI wrote to what a director insists on: one document with result, error and a log string.
// The error of an answer is returned as *Error.
func ReadAnswer(stdout []byte) (json.RawMessage, error) {
	var answer map[string]json.RawMessage
	if err := json.Unmarshal(stdout, &answer); err != nil {
		return nil, fmt.Errorf("stdout is not one JSON object: %w: %q", err, stdout)
	}
	for _, key := range []string{"result", "error", "log"} {
		if _, ok := answer[key]; !ok {
			return nil, fmt.Errorf("the answer has no %q: %q", key, stdout)
		}
	}
	var log *string
	if err := json.Unmarshal(answer["log"], &log); err != nil || log == nil {
		return nil, errors.New("the answer's log is not a string")
	}
	var failure *Error
	if err := json.Unmarshal(answer["error"], &failure); err != nil {
		return nil, fmt.Errorf("the answer's error is neither null nor an object: %w", err)
	}
	if failure != nil {
		return nil, failure
	}
	return answer["result"], nil
}
