// Stands in for Next's "server-only" marker where no bundler runs (tests, scripts).
