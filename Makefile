# `make run` and `make test` are all a newcomer needs; both install what is missing on Debian 12.
PROFILE ?= $(or $(BELLWIRE_PROFILE),release)
TARGET  := $(or $(CARGO_TARGET_DIR),target)
ARGS    ?=

.PHONY: run test check bench checklist build storm fuzz prompts web clean

run: ## Builds Bellwire and starts it with the demo site
	@tools/need build
	@tools/web --if-there
	@cargo build --locked --profile $(PROFILE) -p bellwire
	@exec $(TARGET)/$(PROFILE)/bellwire demo $(ARGS)

test: ## Everything a user needs to trust a checkout; ends with `N passed, N failed, N skipped`
	@tools/need test
	@tools/test

web: ## Builds the web client, which the next build of the server takes in
	@tools/web

check: ## Formatting, lints, crate arrows, licences and advisories: fast, for every commit
	@tools/need build
	@tools/check

bench: ## The performance table, each figure beside its limit measured in the same run
	@tools/need bench
	@tools/bench

checklist: ## Which rows of the checklist have tests
	@tools/checklist

storm: ## Random storms against the switch, and against the whole stack: make storm SEED=1 N=1000
	@tools/need build
	@SEED=$(or $(SEED),1) N=$(or $(N),1000) cargo test --locked --release -p bellwire-switch --test storms -- --nocapture
	@SEED=$(or $(SEED),1) N=$(or $(N),1000) cargo test --locked --release -p bellwire-sim --test storm -- --nocapture

fuzz: ## Fuzzes one target, needs cargo-fuzz and a nightly toolchain: make fuzz TARGET=message
	@mkdir -p fuzz/corpus/$(TARGET)
	@cd fuzz && cargo +nightly fuzz run $(TARGET) corpus/$(TARGET) seeds/$(TARGET) -- $(ARGS)

prompts: ## Speaks every prompt again from prompts/PROMPTS.tsv (only after a change of the texts)
	@tools/need prompts
	@prompts/build

clean:
	cargo clean
