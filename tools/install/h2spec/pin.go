//go:build pin

// Package h2spec pins the tester's version: go.mod and go.sum follow this import.
package h2spec

import _ "github.com/summerwind/h2spec/cmd/h2spec"
