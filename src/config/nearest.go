package config

import "slices"

// Nearest returns the candidate that a misspelled key most likely stands for:
// the one with the fewest edits, if these are few for the key's length.
func Nearest(key string, candidates []string) (string, bool) {
	best, fewest := "", 1+min(3, len(key)/3)
	for _, candidate := range slices.Sorted(slices.Values(candidates)) {
		if n := edits(key, candidate); n < fewest {
			best, fewest = candidate, n
		}
	}
	return best, best != ""
}

// edits returns the Levenshtein distance of two words, in bytes: the keys are
// ASCII.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
