package oss

// Listed has the store have listed n pages.
func (s *Store) Listed(n int64) { s.pages.Add(n) }
