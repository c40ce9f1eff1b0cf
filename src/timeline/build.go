package timeline

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/piston/openstack-bosh-cpi/src/timeline/tasklog"
)

// maxTook limits durations, so that damaged numbers make no absurd picture.
const maxTook = 7 * 24 * time.Hour

// draft is a call that is being read.
type draft struct {
	Call

	zero    time.Time // from which the offsets of the CPI's lines count
	first   time.Time // of the lines, in the time zone of the CPI
	last    time.Time
	isEnded bool
	// asked and answered are when the director sent the request and had the
	// response, in the director's time zone.
	asked, answered time.Time
}

// builder makes calls of lines.
type builder struct {
	drafts  []*draft
	current map[string]*draft // by the director's id of the call
	seen    map[string]bool   // lines of the CPI: the logs repeat them
	first   time.Time         // of the director
	last    time.Time
}

func newBuilder() *builder { return &builder{current: map[string]*draft{}, seen: map[string]bool{}} }

// add adds a line.
func (b *builder) add(line tasklog.Line) {
	if line.Kind != tasklog.CPI {
		if b.first.IsZero() || line.Time.Before(b.first) {
			b.first = line.Time
		}
		if line.Time.After(b.last) {
			b.last = line.Time
		}
	}
	switch line.Kind {
	case tasklog.Request:
		if b.isNew(line) {
			b.asked(line)
		}
	case tasklog.Response:
		if b.isNew(line) {
			b.answered(line)
		}
	case tasklog.CPI:
		b.logged(line)
	case tasklog.Director:
	}
}

// begin begins a call.
func (b *builder) begin(id string) *draft {
	d := &draft{Call: Call{ID: id, Services: map[string]Service{}}}
	b.drafts, b.current[id] = append(b.drafts, d), d
	return d
}

// of returns the call that a line belongs to.
func (b *builder) of(id string) *draft {
	if d := b.current[id]; d != nil {
		return d
	}
	return b.begin(id)
}

// asked reads that the director starts a CPI.
func (b *builder) asked(line tasklog.Line) {
	d := b.current[line.RequestID]
	if d == nil || !d.asked.IsZero() {
		d = b.begin(line.RequestID)
	}
	d.asked, d.Thread = line.Time, line.Thread
	var request struct {
		Method string `json:"method"`
	}
	if json.Unmarshal([]byte(line.Document), &request) == nil {
		d.Method = request.Method
	} else if _, after, found := strings.Cut(line.Document, `"method":"`); found {
		d.Method, _, _ = strings.Cut(after, `"`) // the document is cut
	}
}

// answered reads the response of the CPI.
func (b *builder) answered(line tasklog.Line) {
	d := b.of(line.RequestID)
	if d.answered.IsZero() {
		d.answered = line.Time
	}
	if d.Thread == "" {
		d.Thread = line.Thread
	}
	var response struct {
		Error *struct {
			Type    string `json:"type"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal([]byte(line.Document), &response) == nil && response.Error != nil {
		d.Error = strings.TrimPrefix(response.Error.Type, "Bosh::Clouds::") + ": " + response.Error.Message
	}
}

// logged reads a line of the CPI.
func (b *builder) logged(line tasklog.Line) {
	attrs := line.Attrs
	switch line.Message {
	case "call started":
		b.started(line)
	case "call finished":
		b.finished(line)
	case "OpenStack API call":
		if b.isNew(line, "start_ms", "ms", "openstack_request_id") {
			d := b.of(line.RequestID)
			took := milliseconds(attrs["ms"])
			status, err := strconv.Atoi(attrs["status"])
			if err != nil || status < 0 || status > 999 {
				status = 0
			}
			d.Requests = append(d.Requests, Request{
				Service: serviceName(attrs["service"]), Method: attrs["method"], Path: attrs["path"], Status: status,
				ID: attrs["openstack_request_id"], Error: attrs["error"], Start: d.at(line, took), Took: took,
			})
		}
	case "waited for OpenStack":
		if b.isNew(line, "start_ms", "ms") {
			d := b.of(line.RequestID)
			took := milliseconds(attrs["ms"])
			d.Waits = append(d.Waits, Wait{
				Kind: attrs["kind"], ID: attrs["id"], Target: attrs["target"], Reached: attrs["reached"] == "true", Start: d.at(line, took), Took: took,
			})
		}
	case "retrying OpenStack API call":
		if b.isNew(line, "start_ms", "try") {
			d := b.of(line.RequestID)
			d.Pauses = append(d.Pauses, Pause{
				Method: attrs["method"], Path: attrs["path"], Reason: reason(attrs), Start: d.at(line, 0), Took: duration(attrs["pause"]),
			})
		}
	default:
		if d := b.current[line.RequestID]; d != nil {
			d.last = line.Time
		}
	}
}

// isNew reports whether the line was not read before: a task has it in its CPI
// log and in its debug log.
func (b *builder) isNew(line tasklog.Line, keys ...string) bool {
	parts := []string{strconv.Itoa(int(line.Kind)), line.RequestID, line.Message, line.Time.String(), line.Attrs["path"], line.Attrs["id"]}
	for _, name := range keys {
		parts = append(parts, line.Attrs[name])
	}
	key := strings.Join(parts, "\x00")
	known := b.seen[key]
	b.seen[key] = true
	return !known
}

// started reads the first line of a call.
func (b *builder) started(line tasklog.Line) {
	if !b.isNew(line, "global_request_id", "started") {
		return
	}
	d := b.current[line.RequestID]
	if d == nil || d.isEnded || !d.zero.IsZero() {
		d = b.begin(line.RequestID)
	}
	d.Method, d.GlobalID, d.last = line.Attrs["method"], line.Attrs["global_request_id"], line.Time
	d.zero, d.first = line.Time, line.Time
	if exact, err := time.Parse(time.RFC3339Nano, line.Attrs["started"]); err == nil {
		d.zero = exact
	}
	d.Start = d.zero
}

// finished reads the last line of a call.
func (b *builder) finished(line tasklog.Line) {
	// Without an id, two calls can have equal lines.
	if line.RequestID != "" && !b.isNew(line, "seconds") {
		return
	}
	d := b.of(line.RequestID)
	if line.RequestID == "" && d.isEnded && d.Method == line.Attrs["method"] && d.zero.Add(seconds(line.Attrs["seconds"])).Equal(d.End) {
		return
	}
	if d.isEnded {
		d = b.begin(line.RequestID)
	}
	d.finish(line)
}

// finish completes the call.
func (d *draft) finish(line tasklog.Line) {
	took := seconds(line.Attrs["seconds"])
	if d.zero.IsZero() {
		d.zero = line.Time.Add(-took)
		d.Start = d.zero
	}
	d.End, d.Complete, d.isEnded = d.zero.Add(took), true, true
	if method := line.Attrs["method"]; method != "" {
		d.Method = method
	}
	if d.Error == "" {
		d.Error = line.Attrs["error"]
	}
	d.Waited = seconds(line.Attrs["waited_seconds"])
	for key, value := range line.Attrs {
		name, figure, found := strings.Cut(strings.TrimPrefix(key, "services."), ".")
		if !strings.HasPrefix(key, "services.") || !found {
			continue
		}
		service := d.Services[name]
		switch figure {
		case "calls":
			service.Requests = count(value)
		case "retries":
			service.Retries = count(value)
		case "ms":
			service.Time = milliseconds(value)
		}
		d.Services[name] = service
	}
}

// at returns the moment of a line's start_ms. If the beginning of the call is
// not known, it is computed from the line, which was written after took.
func (d *draft) at(line tasklog.Line, took time.Duration) time.Time {
	offset := milliseconds(line.Attrs["start_ms"])
	if d.zero.IsZero() {
		d.zero = line.Time.Add(-offset - took)
		d.Start, d.first = d.zero, d.zero
	}
	d.last = line.Time
	return d.zero.Add(offset)
}

// reason returns why a request was repeated.
func reason(attrs map[string]string) string {
	if text := attrs["error"]; text != "" && text != "<nil>" {
		return text
	}
	return "HTTP " + attrs["status"]
}

func serviceName(name string) string {
	if name == "" {
		return "other"
	}
	return name
}

// count, milliseconds, seconds and duration read numbers, and return 0 for
// impossible ones.
func count(text string) int {
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 || number > 1e9 {
		return 0
	}
	return number
}

func milliseconds(text string) time.Duration {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 || number > maxTook.Milliseconds() {
		return 0
	}
	return time.Duration(number) * time.Millisecond
}

func seconds(text string) time.Duration {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || !(number >= 0 && number <= maxTook.Seconds()) {
		return 0
	}
	return time.Duration(number * float64(time.Second))
}

func duration(text string) time.Duration {
	took, err := time.ParseDuration(text)
	if err != nil || took < 0 || took > maxTook {
		return 0
	}
	return took
}
