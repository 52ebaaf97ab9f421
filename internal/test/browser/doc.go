// Package browser holds the tests that drive the real program with a real
// browser (Chromium, headless). It contains nothing else, and nobody imports it.
//
// The browser is found by CHROMIUM_BIN, or as chromium, chromium-browser or
// google-chrome on the path. Without one the tests say that they did not run;
// with REQUIRE_BROWSER=1 they fail.
package browser
