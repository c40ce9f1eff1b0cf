package director

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAPICallsComeFromTheLastSummaryLine(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 9, countedCalls("x INFO - call finished method=a calls=1\nx INFO - call finished method=create_vm seconds=2.31 calls=9 retries=0 services.image.calls=1\nmore\n"))
	assert.Equal(t, -1, countedCalls("progress percent=50 calls=3\n"))
	assert.Equal(t, -1, countedCalls(""))
}
