# `make bench` and what belongs to it.  Included by the Makefile.

BENCH := build/bench/bin
BENCH_CFLAGS := -std=c17 -D_GNU_SOURCE -O2 -g $(WARNINGS)
BENCH_TOOLS := $(addprefix $(BENCH)/,load floor civetweb_fixed startup idle flood upstream malloc_count.so)
# What is deployed is the static binary; make bench BENCH_HANDLER=... measures another.
BENCH_STATIC := $(if $(wildcard packaging/dist.mk),bench-static)
BENCH_HANDLER ?= $(if $(BENCH_STATIC),build/static/handler,bin/handler)
# As it is deployed and as it is built here, unless BENCH_HANDLER names one.
FLOODS_HANDLERS := $(if $(filter command line environment,$(origin BENCH_HANDLER)),$(BENCH_HANDLER))
BENCH_RUN = ulimit -n 16384; HANDLER="$$(realpath "$(1)")" $(NODE) test/bench/bench.mjs \
	$(if $(ONLY),--only $(ONLY))

.PHONY: floods bench bench-quick bench-tools bench-static scale-out deps-bench

bench: bench-tools $(BENCH_STATIC) ## measure against peers, judge the targets, write docs/performance.md
	@$(call BENCH_RUN,$(BENCH_HANDLER))

bench-quick: bench-tools ## the same against what is installed, in under two minutes
	@$(call BENCH_RUN,bin/handler) --quick

floods: bench-tools $(BENCH_STATIC) ## slow, idle and greedy callers by the thousand: what they cost the others (ONLY=, WHERE=, SECONDS=, BENCH_HANDLER=)
	@ulimit -n 16384; $(NODE) test/bench/floods/floods.mjs $(if $(ONLY),--only '$(ONLY)') $(if $(WHERE),--where '$(WHERE)') \
		$(if $(SECONDS),--seconds '$(SECONDS)') $(foreach binary,$(FLOODS_HANDLERS),--handler '$(binary)')

bench-tools: deps-bench $(NODE) bin/handler $(BENCH_TOOLS) build/release/unit/token_cache/lookup

deps-bench:
	@test/install.sh build node unit bench

bench-static:
	@$(MAKE) --no-print-directory dist

$(BENCH)/%: test/bench/programs/%.c test/bench/programs/net.c $(wildcard test/bench/programs/*.h) | deps-bench
	@mkdir -p $(@D); echo "  BENCH $(@F)"
	@$(CC) $(BENCH_CFLAGS) -o $@ $(filter %.c,$^) $(BENCH_LIBS)
# The integration tests need no more of the bench than this one.
$(BENCH)/flood: test/bench/programs/flood.c test/bench/programs/net.c test/bench/programs/net.h | deps-build
	@mkdir -p $(@D); echo "  BENCH $(@F)"
	@$(CC) $(BENCH_CFLAGS) -o $@ $(filter %.c,$^)
$(BENCH)/load: test/bench/programs/answer.c
$(BENCH)/civetweb_fixed: BENCH_LIBS := -lcivetweb -lpthread
$(BENCH)/upstream: test/bench/programs/net.c $(wildcard test/bench/upstream/*.[ch]) | deps-bench
	@mkdir -p $(@D); echo "  BENCH $(@F)"
	@$(CC) $(BENCH_CFLAGS) -o $@ $(filter %.c,$^) -lssl -lcrypto -lnghttp2
$(BENCH)/malloc_count.so: test/bench/programs/malloc_count.c | deps-bench
	@mkdir -p $(@D); echo "  BENCH $(@F)"
	@$(CC) $(BENCH_CFLAGS) -shared -fPIC -o $@ $<

scale-out: bench-tools ## 1,000 users, up to 8 instances, handlers killed under load
	@ulimit -n 16384; HANDLER="$(CURDIR)/bin/handler" SCALE_OUT=full $(NODE) --test \
		test/integration/processes/scale_out.test.mjs
