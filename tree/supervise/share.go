package supervise

import "time"

// A share is how often something may be done within a while.
type share struct {
	most int
	per  time.Duration

	used  int
	since time.Time
}

// spend reports whether it may be done once more.
func (s *share) spend() bool {
	if now := time.Now(); now.Sub(s.since) >= s.per {
		s.used, s.since = 0, now
	}
	s.used++
	return s.used <= s.most
}

// wait waits until it may be done again, if it may not now.
func (s *share) wait() {
	if !s.spend() {
		time.Sleep(time.Until(s.since.Add(s.per)))
	}
}
