package supervise

import (
	"testing"
	"testing/synctest"
	"time"
)

// In a moment so much may be done, and in the next one as much again.
func TestShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, begin := share{most: 3, per: time.Second}, time.Now()
		for i, want := range []bool{true, true, true, false, false} {
			if got := s.spend(); got != want {
				t.Errorf("%d: %t", i, got)
			}
		}
		s.wait()
		want(t, "waited", time.Since(begin), time.Second)
		for range 4 {
			s.wait()
		}
		want(t, "waited then", time.Since(begin), 2*time.Second)
	})
}
