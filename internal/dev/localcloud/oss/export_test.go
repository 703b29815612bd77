package oss

// FileName and KeyOf are fuzzed on their own: every escape is theirs.
func FileName(key string) string { return fileName(key) }

// KeyOf is the inverse of FileName.
func KeyOf(name string) string { return keyOf(name) }
