# Targets for people and for .ci/run, which runs the same ones. "make help"
# lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The program that the platform starts: the function's handler in s.yaml and
# template.yml.
BINARY := main
DIST := dist
PACKAGE := $(DIST)/sslvpn-change.zip

# Pinned tools, kept out of the module so that users never build them.
GOLANGCI_VERSION := 2.15.0
DEADCODE_VERSION := 0.52.0
GOVULNCHECK_VERSION := 1.9.0
TOOLS ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/sslvpn-change
GOLANGCI := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
DEADCODE := $(TOOLS)/deadcode-$(DEADCODE_VERSION)

TESTREPORT := $(DIST)/testreport

# The race detector needs a C compiler.
RACE ?= $(shell command -v "$$(go env CC)" >/dev/null 2>&1 && echo -race)
FUZZTIME ?= 10s
FUZZ ?= .
SEEDS ?= 20000

# The packages that the promises depend on. internal/function is not one of them:
# the end-to-end tests run it in a process whose coverage is not counted.
comma := ,
empty :=
space := $(empty) $(empty)
CORE := $(subst $(space),$(comma),$(patsubst %,./internal/%,chat/... command executor lane notify objects plan policy probe proof queue reconcile record sslvpn wording))
CORE_PROFILE := core.out
COVER_LEAST ?= 90
FIRST ?= 1

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' Makefile | expand -t 16

.PHONY: demo
demo: ## run the function and a local cloud once, show what happens, and check it
	go run ./cmd/vpnctl demo

.PHONY: run
run: ## run the function and a local cloud on this machine until interrupted
	@mkdir -p $(DIST) && go build -o $(DIST)/vpnctl ./cmd/vpnctl
	@$(DIST)/vpnctl local

# The packages that take longest come first, so that they run beside the others.
# -short leaves the exhaustive searches and the long simulations, for which the
# race detector is slow, to "make model", "make sim" and "make crash"; "make vet"
# runs go vet.
SLOW := ./internal/dev/e2e ./internal/dev/sim ./internal/reconcile

.PHONY: test
test: ## run the tests (COVERED=1: and measure what cover-check checks)
	@mkdir -p $(DIST) && go build -o $(TESTREPORT) ./internal/dev/testreport
	go test -json -short -vet=off $(RACE) -shuffle=on $(if $(COVERED),-coverpkg=$(CORE) -coverprofile=$(CORE_PROFILE)) $(SLOW) ./... | $(TESTREPORT)
	@command -v chromium chromium-browser google-chrome >/dev/null || echo "no Chromium: the tests of the pages in a browser were skipped; make browser runs them"

.PHONY: browser
browser: chromium ## test the pages in a browser (installs Chromium on Debian)
	go test $(RACE) -count=1 ./internal/dev/localcloud/chat -run '^TestPage' -browser
	go test -count=1 ./cmd/vpnctl ./cmd/vpnctl/internal/ui -run '^TestPage' -browser

# It installs 100 packages of npm into a temporary folder, which can take a minute, and
# so is no stage of .ci/run.
.PHONY: oracles
oracles: ## check messages and signatures with the vendors' JavaScript libraries (needs npm)
	go test -count=1 ./internal/dev/oracles -npm

# It fetches the clients from the Go module proxy and from npm, and so is no stage of
# .ci/run.
.PHONY: clients
clients: ## run the vendor's SDKs for Go and JavaScript against a local cloud (needs npm)
	go test -count=1 ./internal/dev/clients -clients -v | grep -vE '^=== '

# tmux is a terminal, and the shells complete vpnctl's command lines in it.
.PHONY: terminal
terminal: ## test vpnctl in a terminal with bash, zsh and fish (installs them on Debian)
	@command -v tmux >/dev/null && command -v zsh >/dev/null && command -v fish >/dev/null || { \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends tmux zsh fish; \
	}
	go test -count=1 ./cmd/vpnctl -run 'Tmux|CompletionInShells'

.PHONY: screenshots
screenshots: chromium ## take the documentation's pictures of the pages
	@mkdir -p docs/images
	go test -count=1 ./internal/dev/localcloud -run '^TestScreenshots$$' -screenshots "$(CURDIR)/docs/images"
	go test -count=1 ./cmd/vpnctl/internal/ui -run '^TestScreenshots$$' -screenshots "$(CURDIR)/docs/images"

# The browser, with fonts for the pictures.
.PHONY: chromium
chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null || { \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fonts-noto-color-emoji; \
	}

.PHONY: openvpn
openvpn: ## test with a real OpenVPN in network namespaces (root; installs it on Debian)
	@command -v openvpn >/dev/null && command -v ip >/dev/null || { \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends openvpn iproute2; \
	}
	go test -count=1 $(if $(filter 0,$(shell id -u)),,-exec sudo) ./internal/dev/openvpn -openvpn -v | grep -vE '^=== '

.PHONY: sim
sim: ## run all simulations, SEEDS (20000) of them with faults, from seed FIRST (1)
	go test ./internal/dev/sim -first $(FIRST) -seeds $(SEEDS) -timeout 0 -v | grep -v '^=== '

.PHONY: figures
figures: ## measure the figures of the pages into docs/figures.json (LONG=1: the long ones, too)
	go run ./internal/dev/figures $(if $(LONG),-long)

.PHONY: figures-check
figures-check: ## fail if a ratio or a count is worse than the pages say by more than its margin
	go run ./internal/dev/figures -check

.PHONY: crash
crash: ## kill the deployed binary at every request that it makes
	go test -count=1 ./internal/dev/e2e -run Kill -timeout 0 -v | grep -E '^(---|ok|FAIL|panic)|crash points in all|--- FAIL|_test.go.*(killed|expected)'

.PHONY: upgrade
upgrade: ## replace the previous release by this commit in the middle of its work, and back, and run both at once
	go test -count=1 ./internal/dev/e2e -run Upgrade -v | grep -E '^(---|ok|FAIL|panic)|--- |_test.go:'

# The race detector and the counters of coverage would make minutes of seconds.
.PHONY: growth
growth: ## test that the largest inputs are read in time, and that cost grows no faster than the input
	go test -count=1 -short -run 'Attack|Cost|Linear|Limits|Grow' ./events ./internal/chat/feishu ./internal/chat/slack ./internal/command ./internal/manifest ./internal/policy

.PHONY: attacks
attacks: ## attack the deployed binary in every way that docs/reliability.md lists
	go test -count=1 ./internal/dev/e2e -run Attack -v | grep -E '^(--- |ok|FAIL|panic)|--- FAIL|_test.go:'

.PHONY: stored
stored: ## read a frozen sample of every stored form
	go test -count=1 -run '^TestStored' ./...

.PHONY: model
model: ## visit every state of the model of a lane, and find every mistake in it
	go test -count=1 ./internal/dev/lanemodel

# It takes three minutes of one processor.
CALENDARS ?= 100000

.PHONY: calendars
calendars: ## compare CALENDARS (100000) random calendars with an oracle, from seed FIRST (1)
	go test ./internal/policy -run TestCalendars -calendars $(CALENDARS) -calendars-first $(FIRST) -timeout 0 -v | grep -v '^=== '

.PHONY: mutants
mutants: ## build bugs into the code and show which seed of the simulation catches each
	go test ./internal/dev/sim -run TestMutants -mutants -parallel 2 -timeout 0 -v | grep -v '^=== '

.PHONY: bench
bench: ## run the benchmarks and the load runs
	go test -run '^$$' -bench . -benchmem -timeout 0 ./...

.PHONY: fuzz
fuzz: ## fuzz every target for FUZZTIME (10s), or those that FUZZ matches ("policy Fuzz")
	@.ci/fuzz.sh $(FUZZTIME) "$(FUZZ)"

.PHONY: cover
cover: ## measure the tests' coverage into coverage.out
	go test -coverpkg=./... -coverprofile=coverage.out ./...
	go tool cover -func=coverage.out | tail -n 1

# Measured in statements, over the tests of the core packages and the handler, or
# (COVERED=1) over what "make test COVERED=1" has just run.
.PHONY: cover-check
cover-check: ## fail when less than COVER_LEAST (90) percent of a core package is tested
	$(if $(COVERED),,go test -coverpkg=$(CORE) -coverprofile=$(CORE_PROFILE) $(subst $(comma), ,$(CORE)) ./handler)
	@awk -v least=$(COVER_LEAST) -f .ci/cover.awk $(CORE_PROFILE)

.PHONY: vet
vet: ## run go vet
	go vet ./...

.PHONY: lint
lint: $(GOLANGCI) ## run the linters
	$(GOLANGCI) run ./...

.PHONY: fmt
fmt: $(GOLANGCI) ## format the code
	$(GOLANGCI) fmt

.PHONY: fmt-check
fmt-check: $(GOLANGCI) ## fail when the code is not formatted
	$(GOLANGCI) fmt --diff

.PHONY: dead
dead: $(DEADCODE) ## fail when there is code that nothing reaches
	@found="$$($(DEADCODE) -test ./...)"; echo "$${found:-nothing unreachable}"; test -z "$$found"

.PHONY: imports
imports: ## check who imports whom
	go test -count=1 ./internal/dev/importrules

.PHONY: tidy-check
tidy-check: ## fail when go.mod is not tidy
	go mod tidy -diff

.PHONY: vuln
vuln: ## look for known vulnerabilities (asks the Go vulnerability database)
	go run golang.org/x/vuln/cmd/govulncheck@v$(GOVULNCHECK_VERSION) ./...

# The tag leaves HTTP/2 out, which no client of the function uses, and without inlining
# the function is smaller by 0.44 MB; see localcloud.BuildFlags, which has the same flags but for the version. The linker writes
# the version into the binary: of the commit, of the source archive, or VERSION. With
# -buildvcs a clone and an archive of the same commit would make different binaries.
STAMP ?=
VERSION ?=
.PHONY: build
build: ## build the function for Function Compute into dist/main
	@mkdir -p $(DIST)
	stamp="$(STAMP)"; stamp="$${stamp:-$$(go run ./internal/dev/release stamp -version "$(VERSION)")}"; \
	CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -trimpath -buildvcs=false -tags nethttpomithttp2 -gcflags github.com/...=-l -ldflags "-s -w -funcalign=16 -X github.com/sslvpn-change/sslvpn-change/internal/version.version=$$stamp" -o $(DIST)/$(BINARY) .

.PHONY: package
package: build ## pack the function into dist/sslvpn-change.zip
	go run ./cmd/packager -in $(DIST)/$(BINARY) -out $(PACKAGE)
	@ls -l $(PACKAGE)

# The file with the settings of the deployed function. It is checked before the
# package is built, and again when it is used.
SETTINGS ?= .env.deploy

# What runs vpnctl, and flags that make a loss deliberate: ALLOW="--allow-empty CHAT_SLACK".
VPNCTL ?= go run ./cmd/vpnctl
ALLOW ?=

.PHONY: observe
observe: ## write the resources of template.yml that observe.yaml describes
	go run ./cmd/vpnctl observe template template.yml

.PHONY: deploy-settings
deploy-settings: ## create .env.deploy, the settings of a deployment, with fresh secrets (vpnctl init)
	@$(VPNCTL) init --file "$(SETTINGS)"

.PHONY: deploy
deploy: ## deploy the function with Serverless Devs and .env.deploy (s.yaml says what must exist before)
	@$(VPNCTL) deploy-check --file "$(SETTINGS)" $(ALLOW)
	@$(MAKE) --no-print-directory package
	@$(MAKE) --no-print-directory deploy-package

# The package that was deployed before is kept, for a rollback.
.PHONY: deploy-package
deploy-package: ## deploy dist/sslvpn-change.zip as it is
	$(VPNCTL) deploy --file "$(SETTINGS)" $(ALLOW) -- s deploy -y
	@$(VPNCTL) deploy --file "$(SETTINGS)" --if CUSTOM_DOMAIN $(ALLOW) -- s deploy -y -t s-domain.yaml
	@mkdir -p $(DIST)/previous
	@if [ -f $(DIST)/deployed.zip ] && ! cmp -s $(DIST)/deployed.zip $(PACKAGE); then mv $(DIST)/deployed.zip $(DIST)/previous/sslvpn-change.zip; fi
	@cp $(PACKAGE) $(DIST)/deployed.zip

.PHONY: rollback
rollback: ## deploy the package that was deployed before (dist/previous)
	@test -f $(DIST)/previous/sslvpn-change.zip || { echo "There is no $(DIST)/previous/sslvpn-change.zip: put the package of the earlier version there." >&2; exit 1; }
	cp $(DIST)/previous/sslvpn-change.zip $(PACKAGE)
	@$(MAKE) --no-print-directory deploy-package

.PHONY: release
release: ## make the files of a release of the tag at HEAD into dist/release (SNAPSHOT=1: of any commit; VERSION: another version)
	go run ./internal/dev/release make -out $(DIST)/release -version "$(VERSION)" $(if $(SNAPSHOT),-snapshot)

# Its second compiler starts without a cache, for six platforms: it takes minutes.
.PHONY: release-check
release-check: ## make the release of the commit twice, in two folders, and compare all bytes
	go run ./internal/dev/release check -version "$(VERSION)"

.PHONY: install-check
install-check: ## publish the commit as v0.1.0 to a module proxy in a folder, and go install vpnctl from it
	go test -count=1 ./internal/dev/release -run GoInstall -v | grep -v '^=== '

# vpnctl for platforms on which nothing of it is run here.
.PHONY: cross
cross: ## check that vpnctl compiles for macOS and Windows
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go vet ./cmd/vpnctl/...
	GOOS=darwin GOARCH=arm64 CGO_ENABLED=0 go vet ./cmd/vpnctl/...

.PHONY: tools
tools: $(GOLANGCI) $(DEADCODE) ## install the pinned tools into the user's cache

.PHONY: clean
clean: ## remove what was built
	rm -rf $(DIST) coverage.out $(CORE_PROFILE)

# A golangci-lint of the right version that is already there is used: building
# one takes minutes.
$(GOLANGCI):
	@mkdir -p $(TOOLS)
	@have="$$(go env GOPATH)/bin/golangci-lint"; \
	if [ "$$("$$have" version --short 2>/dev/null)" = "$(GOLANGCI_VERSION)" ]; then \
		ln -sf "$$have" $@; \
	else \
		GOBIN=$(TOOLS)/new go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI_VERSION); \
		mv $(TOOLS)/new/golangci-lint $@; \
	fi

$(DEADCODE):
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS)/new go install golang.org/x/tools/cmd/deadcode@v$(DEADCODE_VERSION)
	mv $(TOOLS)/new/deadcode $@
