package session

// Restore gives a new Session the settled requests of an earlier one, oldest first.
// Requests from now on count on from theirs.
func (s *Session) Restore(entries []Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = append(entries, s.entries...)
	for _, e := range entries {
		s.asked = max(s.asked, e.ID)
	}
}
