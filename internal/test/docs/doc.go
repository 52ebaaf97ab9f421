// Package docs keeps the documentation true: what the Markdown files and the
// packages' comments name exists, and the drawing in docs/ARCHITECTURE.md shows
// the imports that there are.
//
// It owns tests only. Nobody imports it.
package docs
