package settings

import (
	"encoding/json"
	"fmt"
	"time"
)

// duration is a time.Duration that is written like "90s" in JSON.
type duration time.Duration

func (d *duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("%s is not a duration, write it like \"30s\"", data)
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return err
	}
	*d = duration(parsed)
	return nil
}
