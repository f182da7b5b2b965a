# The project's commands. `make help` lists them.

PREFIX ?= /usr/local
DESTDIR ?=

SWIFT ?= swift
# Debug builds and tests share .build; release builds have the Swift library inside and no symbols. Their C calls liblua by its
# addresses, without the stubs of the linker: 5 to 10 % of an encode.
RELEASE_FLAGS = -c release --static-swift-stdlib -Xcc -fno-plt -Xlinker -s
RELEASE = .build/release
# Where the benchmark of the journal keeps the Python packages of its peer.
DBOS = .build/dbos
MAXIMUM_BYTES = 25000000

SWIFT_FILES = Package.swift $(wildcard Sources Tests Benchmarks)
LUA_FILES = $(wildcard stdlib scripts)

.DEFAULT_GOAL := help
.PHONY: help demo test check stress bench bench-json bench-runs bench-journal release install clean dependencies

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: release ## build, then run the contact scripts twice on a fresh sandbox
	@tools/demo $(RELEASE)/refold

test: dependencies ## build and run every test
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --disable-xctest

check: ## lint Swift and Lua, check layers, unsafe code and style
	@tools/install-dependencies check
	$(SWIFT) format lint --strict --parallel --recursive $(SWIFT_FILES)
	$(if $(LUA_FILES),luacheck --quiet $(LUA_FILES))
	tools/check-layers
	tools/check-unsafe
	tools/check-style
	tools/embed-stdlib --check
	python3 -m unittest discover --quiet --start-directory tools/tests --pattern '*_test.py'

stress: release ## stop scripts 30,000 times, reload 10,000 times under runs, kill and resume 1,000 runs, and each script at each step
	REFOLD_STRESS_ABORTS=30000 $(SWIFT) test --disable-xctest --filter AbortStressTests
	REFOLD_STRESS_ABORTS=30000 SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=1 \
	  $(SWIFT) test --sanitize=address --scratch-path .build/asan --disable-xctest --filter AbortStressTests
	REFOLD_STRESS_RELOADS=10000 $(SWIFT) test --disable-xctest --filter 'ReloadStressTests|WatcherTests'
	tools/stress-resume --refold $(RELEASE)/refold
	$(RELEASE)/refold test scripts --crash-points
	$(RELEASE)/refold test scripts --faults

bench: release ## measure, beside the floor and the peers
	@tools/install-dependencies bench
	$(SWIFT) build $(RELEASE_FLAGS) --product RefoldBenchmarks
	$(RELEASE)/RefoldBenchmarks

bench-json: dependencies ## measure the JSON bridge beside lua-cjson and the floor
	@tools/install-dependencies bench
	$(SWIFT) build $(RELEASE_FLAGS) --product JSONBenchmarks
	$(RELEASE)/JSONBenchmarks

bench-runs: release ## measure many runs at once, beside Node.js, lua-http and a bare loop of libcurl
	@tools/install-dependencies bench-runs
	$(SWIFT) build $(RELEASE_FLAGS) --product RunBenchmarks
	$(RELEASE)/RunBenchmarks

bench-journal: release ## measure runs whose steps are on the disk, beside the same without a journal, and dbos
	@tools/install-dependencies bench-journal || true
	$(SWIFT) build $(RELEASE_FLAGS) --product JournalBenchmarks
	@test -e $(DBOS)/installed || { rm -rf $(DBOS) && python3 -m venv $(DBOS) && \
	  $(DBOS)/bin/pip install --quiet --disable-pip-version-check dbos && touch $(DBOS)/installed; } || \
	  echo "refold: dbos cannot be installed from PyPI; measuring without it" >&2
	$(RELEASE)/JournalBenchmarks $$(test -e $(DBOS)/installed && realpath -s $(DBOS)/bin/python)

release: dependencies ## build .build/release/refold, static and stripped
	$(SWIFT) build $(RELEASE_FLAGS) --product refold
	@bytes=$$(wc -c < $(RELEASE)/refold); test $$bytes -lt $(MAXIMUM_BYTES) || { \
	  echo "refold is $$bytes bytes, the limit is $(MAXIMUM_BYTES): see what was linked in" >&2; exit 1; }

install: release ## copy refold to DESTDIR/PREFIX/bin (PREFIX is /usr/local)
	install -D -m 755 $(RELEASE)/refold $(DESTDIR)$(PREFIX)/bin/refold

clean: ## remove what was built
	rm -rf .build

dependencies:
	@tools/install-dependencies
