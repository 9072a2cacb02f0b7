# The whole of the build.  `make help` lists the targets.
#
# VARIANT picks how the handler is compiled: release (the default), asan or tsan.  Each has its own
# folder below build/; the release binary is linked to bin/handler, where host.json wants it.

VARIANT ?= release
OUT := build/$(VARIANT)
HANDLER := $(OUT)/handler
# Not the commit of a repository that a tarball was unpacked in.
COMMIT := $(shell [ -e .git ] && git rev-parse --short=10 HEAD 2>/dev/null || echo unknown)
NODE := test/node_modules/.bin/node
# None of the built-in rules is used, and make would try each on every file that it reads or makes.
.SUFFIXES:
# A switch that says 0 or no is off.
on = $(filter-out 0 no,$(1))

# Only clang can fuzz what AddressSanitizer watches.
CC := $(if $(filter asan,$(VARIANT)),clang,gcc)
WARNINGS := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Werror
HARDENING := -fstack-protector-strong -fstack-clash-protection -fPIE
# civetweb gives its threads 100 KiB of stack: large things belong on the heap.
FLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 -Wframe-larger-than=9000
FLAGS_asan := -O1 -g1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
# The runtime as a shared library, since linking it into every program takes longer.  Where it is, is asked
# once, at the first link: before, clang may not be installed.
ASAN_FOLDER = $(eval ASAN_FOLDER := $$(dir $$(shell $(CC) -print-file-name=libclang_rt.asan-x86_64.so)))$(ASAN_FOLDER)
LDFLAGS_asan = -pie -shared-libasan -Wl,-rpath,$(ASAN_FOLDER)
FLAGS_tsan := -O1 -g1 -fno-omit-frame-pointer -fsanitize=thread
include packaging/dist.mk
CFLAGS += -std=c17 -D_GNU_SOURCE -Ihandler $(WARNINGS) $(HARDENING) $(FLAGS_$(VARIANT)) -MMD -MP
LDFLAGS += -Wl,-z,relro,-z,now $(or $(LDFLAGS_$(VARIANT)),-pie) \
	$(filter -fsanitize%,$(FLAGS_$(VARIANT)))
LDLIBS := $(or $(LDLIBS_$(VARIANT)),-lcurl -lcjson -lcivetweb -lexpat -lz -lssl -lcrypto -lpthread -lm)

SOURCES := $(wildcard handler/*.c handler/*/*.c) $(SOURCES_$(VARIANT))
OBJECTS := $(SOURCES:%.c=$(OUT)/obj/%.o)
FIXTURE := $(HANDLER)-fixture
FIXTURE_OBJECTS := $(filter-out $(OUT)/obj/handler/endpoints/table.o,$(OBJECTS)) \
	$(OUT)/obj/test/fixture/table.o
LIBRARY := $(filter-out $(OUT)/obj/handler/main.o,$(OBJECTS))
UNIT_SUPPORT_SOURCES := $(wildcard test/unit/stage*/*.c)
UNIT_SOURCES := $(filter-out $(UNIT_SUPPORT_SOURCES),$(wildcard test/unit/*/*.c))
# Of the unit tests, those that start threads: ThreadSanitizer has nothing to see in the others.
THREADED := $(addprefix base/,admission admission_log command waiting worker) $(addprefix base_log/,log log_fault) graph/request \
	$(addprefix http/,client_deadline client_failures client_method client_size) mcp/asking mcp/stdio \
	$(addprefix token/,allowed_clients caller caller_cache user_token) \
	$(addprefix token_cache/,deadline failures refresh scopes_at_once sharing) graph_search/search \
	$(addprefix token_exchange/,obo obo_scopes) \
	$(addprefix token_keys/,age fetching issuers lost waits)
UNIT_RUN := $(if $(filter tsan,$(VARIANT)),$(THREADED:%=test/unit/%.c),$(UNIT_SOURCES))
UNIT_TESTS := $(UNIT_RUN:test/%.c=$(OUT)/%)
UNIT_SUPPORT := $(UNIT_SUPPORT_SOURCES:%.c=$(OUT)/obj/%.o)
# Of which a test's program takes what it needs.
UNIT_LIBRARY := $(OUT)/unit/library.a
# The faster linker, where there is one.
UNIT_LINKER := $(if $(shell command -v ld.gold),-fuse-ld=gold)
FUZZ_SOURCES := $(wildcard test/fuzz/fuzz_*.c)
FUZZ_TARGETS := $(if $(filter tsan,$(VARIANT)),,$(FUZZ_SOURCES:test/fuzz/%.c=$(OUT)/fuzz/%))
# AddressSanitizer's begin with the corpus when they fuzz.
REPLAYS := $(if $(filter release,$(VARIANT)),$(FUZZ_TARGETS))
# Where the parsers are, of which a target takes what it needs.
FUZZ_LIBRARY := $(OUT)/parsers.a
FUZZ_OBJECTS := $(filter-out $(addprefix $(OUT)/obj/handler/,endpoints/% token/%),$(LIBRARY)) $(OUT)/obj/handler/token/jwt.o
FUZZ_S ?= 20

EMULATOR := build/gateway/gateway.exe
EMULATOR_SOURCES := $(wildcard test/gateway/*.cs test/gateway/*/*.cs)
# Debian 12 has it as a package, Debian 13 has not.
NEWTONSOFT_OF_RELEASE := $(wildcard /usr/lib/cli/Newtonsoft.Json-5.0/Newtonsoft.Json.dll)
NEWTONSOFT := $(or $(NEWTONSOFT_OF_RELEASE),build/gateway/Newtonsoft.Json.dll)

INTEGRATION := test/integration/*/*.test.mjs
# They wait more than they work.
FILES_AT_ONCE := $(shell expr 3 \* $$(nproc))
# Both sanitizers: where calls meet, or what an upstream or a caller sends goes deep into the handler.
OF_HANDLER := $(patsubst %,test/integration/%.test.mjs,door/sign_in failures/* floods/* \
	$(addprefix upstream_faults/,beside connection_given_up) $(addprefix hostile_callers/,churn late_body room slow wire) \
	$(addprefix endpoints/,me without_host) graph_contents/faults graph_search/failures $(addprefix tokens/,issuers keys) \
	$(addprefix mcp/,http sign_in stdio) \
	$(addprefix processes/,calls_under_way host_and_signals))
# What AddressSanitizer sees alone: calls that come one after another, through functions that OF_HANDLER
# enters in several threads; the door, which shares nothing between threads; the settings, which are read
# before there are any; and what is freed, with which ThreadSanitizer's allocator has its own ways.
OF_MEMORY := $(filter-out %/sign_in.test.mjs,$(wildcard test/integration/door/*.test.mjs)) \
	$(patsubst %,test/integration/%.test.mjs,endpoints/every_mode tokens/refused_and_taken \
	settings/* graph_tools/definitions bound_answers/surplus secrecy/wiped \
	$(addprefix hostile_callers/,cost framing paths posing stack) $(addprefix upstream_faults/,names no_room unreachable))
# What ThreadSanitizer sees alone: calls at once, and the log's threads.  Each line and branch of theirs is
# AddressSanitizer's already, by the unit tests and the lists above.
OF_THREADS := $(patsubst %,test/integration/%.test.mjs,exchange/claims graph_tools/rest processes/unread_log)

# A sanitizer's report must fail the run, not just be printed.  Clang's symbolizer is in a package of its own.
export ASAN_OPTIONS := abort_on_error=1:detect_leaks=1:strict_string_checks=1:allow_addr2line=1
export UBSAN_OPTIONS := print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS := halt_on_error=1:second_deadlock_stack=1:suppressions='$(CURDIR)/test/tsan.supp'

# The tests start Node some hundred times, with the same modules each time.
test unit integration deploy-test dist-test lint: export NODE_COMPILE_CACHE := $(CURDIR)/build/node_compiled

# As many at once as there are cores, unless -j says otherwise.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run start build test unit integration gateway mutate lint endpoints endpoint-sources format asan tsan fuzz
.PHONY: test-times fresh-test programs azure-cli deploy-test
.PHONY: fuzz-targets
.PHONY: deps deps-build deps-unit deps-integration deps-lint deps-test deps-gateway policies deploy undeploy redirect-uri clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

GATEWAY_PORT := $(patsubst 1,8080,$(patsubst yes,8080,$(call on,$(GATEWAY))))
run: build $(NODE) $(if $(GATEWAY_PORT),gateway) ## start sandbox, host double and handler locally: no Azure, no accounts; GATEWAY=yes puts the gateway before them
	@$(NODE) test/sandbox/run.mjs $(if $(MODE),--mode $(MODE)) $(if $(PORT),--port $(PORT)) \
		$(if $(GATEWAY_PORT),--gateway $(GATEWAY_PORT))

start: build $(if $(shell command -v func),,$(NODE)) ## run under the real Functions host (func start), or its double where func is missing
	@if command -v func >/dev/null; then func start $(if $(PORT),--port $(PORT)); \
	else echo "func (Azure Functions Core Tools) is not on the PATH; using the host double"; \
	$(NODE) test/sandbox/host/host.mjs --root . $(if $(PORT),--port $(PORT)); fi

build: deps-build bin/handler ## compile bin/handler

# The tests wait as long as they work: lint runs beside them.
test: deps-test ## install what is missing, then run everything
	@$(MAKE) --no-print-directory programs
	@said=$$(mktemp); $(MAKE) --no-print-directory lint >"$$said" 2>&1 & lint=$$!; \
	{ $(MAKE) --no-print-directory unit && $(MAKE) --no-print-directory integration; }; tests=$$?; \
	wait $$lint; lint=$$?; cat "$$said"; rm "$$said"; [ $$tests$$lint = 00 ]

unit: deps-unit $(UNIT_TESTS) $(REPLAYS) ## run the unit tests (cmocka) and replay the fuzz corpora
	@THREADED='$(THREADED)' test/run-unit.sh $(UNIT_TESTS) $(REPLAYS)

integration: deps-integration $(NODE) bin/handler $(HANDLER) $(FIXTURE) gateway build/bench/bin/flood ## run the real handler against the sandbox, in all host modes
	@HANDLER="$(CURDIR)/$(HANDLER)" $(NODE) --test --test-concurrency=$(FILES_AT_ONCE) $(INTEGRATION)

gateway: deps-gateway $(EMULATOR) ## compile the API Management emulator and policy linter (docs/gateway-emulator.md)

mutate: deps-integration $(NODE) bin/handler gateway ## change the gateway's policies, one thing at a time, and see that a test minds (ONLY=regex, SAMPLE=n)
	@HANDLER="$(CURDIR)/bin/handler" $(NODE) test/gateway/mutate.mjs $(if $(ONLY),--only '$(ONLY)') $(if $(SAMPLE),--sample $(SAMPLE))

lint: deps-lint $(NODE) endpoint-sources ## check formatting, layers, tables, README and policies, and run the analysers (DEEP=1: as far as clang-tidy goes)
	@$(MAKE) --no-print-directory bin/handler gateway
	@WARNINGS='$(WARNINGS)' test/lint/run.sh

endpoints: deps-integration $(NODE) endpoint-sources ## write what follows from the table of endpoints: function.json, README's table, test/golden (docs/endpoint.md)
	@$(MAKE) --no-print-directory bin/handler
	@$(NODE) test/lint/endpoints.mjs write
	@WRITE_GOLDEN=1 $(NODE) --test --test-reporter=dot test/integration/mcp/golden.test.mjs

# Before the compiler, which tells of a forgotten step only that a name is undeclared.
endpoint-sources: $(NODE)
	@$(NODE) test/lint/endpoints.mjs sources

format: deps-lint ## rewrite the C sources in the project's format
	@clang-format -i $$(test/lint/files.sh | grep '\.[ch]$$')

# Node's fetch looks for a proxy in the environment only when told to.
OUTBOUND := NODE_USE_ENV_PROXY=1 $(NODE)
policies: $(NODE) ## fill in the gateway's policies from the settings, into build/apim
	@$(NODE) apim/render.mjs $(if $(wildcard apim/settings.json),--settings apim/settings.json)

deploy: $(NODE) ## put everything into Azure: RG=... LOCATION=..., ARGS=--what-if lists what it would do
	@$(OUTBOUND) apim/deploy/deploy.mjs $(ARGS) $(if $(call on,$(WHAT_IF)),--what-if)

undeploy: $(NODE) ## list what make deploy made: RG=..., YES=1 removes it
	@$(OUTBOUND) apim/deploy/undeploy.mjs

redirect-uri: $(NODE) ## let MCP clients return to one more address from the sign-in: RG=... URI=..., APP=... where there are several
	@$(OUTBOUND) apim/deploy/redirect_uri.mjs

# What the tests run, compiled beforehand.
programs: deps-unit deps-integration $(NODE) bin/handler $(HANDLER) $(FIXTURE) gateway build/bench/bin/flood $(UNIT_TESTS) fuzz-targets

test-times: programs ## run the unit and integration tests and list the slowest twenty
	@HANDLER="$(CURDIR)/$(HANDLER)" $(NODE) test/times.mjs $(UNIT_TESTS) $(INTEGRATION)

fresh-test: ## run README's two commands on a Debian just installed: RELEASE=bookworm or trixie (needs root)
	@test/install.sh fresh
	@packaging/fresh.sh '$(or $(RELEASE),$(error RELEASE=bookworm or trixie))' $(PORT)

asan: ## unit tests, and those of the handler, under AddressSanitizer and UBSan (ALL=1: all)
	@$(MAKE) --no-print-directory VARIANT=asan unit
	@$(MAKE) --no-print-directory VARIANT=asan integration $(if $(call on,$(ALL)),,INTEGRATION='$(OF_HANDLER) $(OF_MEMORY)')

tsan: ## unit tests, and those of the handler, under ThreadSanitizer (ALL=1: all)
	@$(MAKE) --no-print-directory VARIANT=tsan unit
	@$(MAKE) --no-print-directory VARIANT=tsan integration $(if $(call on,$(ALL)),,INTEGRATION='$(OF_HANDLER) $(OF_THREADS)')

fuzz: ## fuzz every parser for FUZZ_S seconds each (20), with clang
	@$(MAKE) --no-print-directory VARIANT=asan fuzz-targets
	@test/run-fuzz.sh $(FUZZ_S) build/asan/fuzz/*

fuzz-targets: $(FUZZ_TARGETS)

azure-cli: ## install the real Azure CLI below build/, for make deploy-test
	@test/install.sh azure || :
	@test/sandbox/azure/az/install.sh

REAL_AZ := test/real_az/*.test.mjs
deploy-test: deps-integration $(NODE) bin/handler gateway azure-cli ## deploy to the played Azure with the real Azure CLI, and hold the small one to what it says
	@HANDLER="$(CURDIR)/bin/handler" $(NODE) --test --test-concurrency=$(shell nproc) $(REAL_AZ)

deps: deps-test deps-gateway ## install every package the build and the tests need

deps-build:
	@test/install.sh $(strip build $(filter asan,$(VARIANT)))

deps-unit:
	@test/install.sh build unit

deps-integration:
	@test/install.sh build integration

deps-lint:
	@test/install.sh build lint

deps-test:
	@test/install.sh build node gateway unit integration lint

deps-gateway:
	@test/install.sh gateway

clean: ## remove everything that was built
	rm -rf bin build dist test/node_modules

# npm leaves out optional packages that are not for the Node.js it runs with, such as Debian 12's.  So
# the one that is brought along, which is all but the development's packages, comes first and alone.
# What the lock names is then added to it: a second npm ci would begin by removing what the first brought.
NPM_FLAGS := --ignore-scripts --no-fund --no-audit --loglevel=error
$(NODE): test/package.json test/package-lock.json | deps-build
	@test/install.sh node
	@cd test && npm ci $(NPM_FLAGS) --omit=dev
	@mkdir -p build/node && cp test/node_modules/node-linux-*/bin/node build/node
	@cd test && PATH="$(CURDIR)/build/node:$$PATH" npm install --no-save $(NPM_FLAGS)
	@mkdir -p $(@D) && ln -sf ../$$(cd test/node_modules && echo node-linux-*)/bin/node $@ && touch $@

bin/handler: build/release/handler
	@mkdir -p bin && ln -f $< $@

# The commit is compiled into one object only, and only when it changes.
$(OUT)/commit: FORCE
	@mkdir -p $(@D); echo '$(COMMIT)' | cmp -s - $@ || echo '$(COMMIT)' >$@
$(OUT)/obj/handler/main.o $(OUT)/obj/handler/arguments.o $(OUT)/obj/handler/endpoints/status.o: $(OUT)/commit
$(OUT)/obj/handler/main.o $(OUT)/obj/handler/arguments.o $(OUT)/obj/handler/endpoints/status.o: CFLAGS += -DSERVICE_COMMIT='"$(COMMIT)"'

# The sanitizers watch the civetweb of the zip's binary, with our patches.
ifneq ($(filter asan tsan,$(VARIANT)),)
CIVETWEB := build/dist/src/civetweb
CIVETWEB_OBJECT := $(OUT)/obj/civetweb.o
CFLAGS += -I$(CIVETWEB)/include
LDLIBS := $(CIVETWEB_OBJECT) $(filter-out -lcivetweb,$(LDLIBS))
$(OBJECTS) $(FIXTURE_OBJECTS): | $(CIVETWEB_OBJECT)
$(HANDLER) $(FIXTURE) $(UNIT_TESTS) $(FUZZ_TARGETS): $(CIVETWEB_OBJECT)
build/dist/root/made: $(MADE_OF)
	@$(MAKE) --no-print-directory deps-dist
	@packaging/fetch.sh
	@$(MAKE) --no-print-directory VARIANT=static $@
$(CIVETWEB_OBJECT): build/dist/root/made | deps-build
	@mkdir -p $(@D); echo "  CC   $(CIVETWEB)/src/civetweb.c"
	@$(CC) $(FLAGS_$(VARIANT)) -D_GNU_SOURCE -I$(CIVETWEB)/include -Ipackaging/civetweb \
		@packaging/civetweb/options -c -o $@ $(CIVETWEB)/src/civetweb.c
endif

link = @mkdir -p $(@D); $(CC) $(LDFLAGS) -o $@ $(filter-out $(CIVETWEB_OBJECT),$^) $(LDLIBS)

# The second has tools for MCP's conformance suite in the place of the endpoints.
$(HANDLER): $(OBJECTS)
$(FIXTURE): $(FIXTURE_OBJECTS)
$(HANDLER) $(FIXTURE):
	@echo "  LINK $@"
	$(link)

build/gateway/Newtonsoft.Json.dll:
	@packaging/newtonsoft.sh $@

# C# 7 is what API Management's expressions are written in, and what mcs knows.
$(EMULATOR): $(EMULATOR_SOURCES) test/gateway/expressions/allowed.txt $(NEWTONSOFT) | deps-gateway
	@mkdir -p $(@D); echo "  MCS  $@"
	@mcs -langversion:7 -warnaserror -optimize+ -debug -out:$@ \
		-resource:test/gateway/expressions/allowed.txt,allowed.txt -r:$(NEWTONSOFT) \
		-r:System.Xml.Linq.dll -r:System.Core.dll -r:Mono.Security.dll $(EMULATOR_SOURCES)

$(OUT)/obj/%.o: %.c $(NEEDS_$(VARIANT)) | deps-build
	@mkdir -p $(@D); echo "  CC   $<"
	@$(CC) $(CFLAGS) -c -o $@ $<

$(UNIT_SOURCES:%.c=$(OUT)/obj/%.o) $(UNIT_SUPPORT): | deps-unit

# stage/threads.c counts threads by wrapping the calls; cmocka's signature has a state few tests use.
# It takes longer to make a test faster than to run it.
$(OUT)/obj/test/unit/%.o: CFLAGS += -Itest/unit -Wno-unused-parameter -Wno-frame-larger-than -U_FORTIFY_SOURCE -O0 -g1 \
	-DSANITIZED=$(if $(filter asan tsan,$(VARIANT)),1,0)
$(OUT)/unit/%: LDFLAGS += $(UNIT_LINKER) -Wl,--wrap=pthread_create,--wrap=pthread_cond_wait,--wrap=pthread_cond_clockwait,--wrap=pthread_cond_broadcast
$(OUT)/unit/base/secret: LDFLAGS += -Wl,--wrap=free
$(OUT)/unit/base/buf: LDFLAGS += -Wl,--wrap=malloc
$(OUT)/unit/token/caller_cache: LDFLAGS += -Wl,--wrap=rsa_verify_rs256
$(OUT)/unit/mcp/legacy $(OUT)/unit/http/socket $(addprefix $(OUT)/unit/base/,admission admission_log deadline): LDFLAGS += -Wl,--wrap=clock_mono_ms
$(OUT)/unit/http/client_failures: LDFLAGS += -Wl,--wrap=epoll_ctl
$(addprefix $(OUT)/unit/,base/admission token_cache/scopes_at_once): LDFLAGS += -Wl,--wrap=deadline_wait
$(OUT)/unit/base/command: LDFLAGS += -Wl,--wrap=poll
# Those that put a script in the place of every service upstream, and of the clock.
SCRIPTED := $(addprefix graph_guard/,blind others_mailbox write_guard) $(addprefix graph_file/,download read_file) $(addprefix graph/,gateway mailbox profile request tool_run tool_writes) token/user_token \
	$(addprefix graph_search/,fetch search) $(addprefix token_exchange/,credential identity obo obo_scopes request) token_keys/entra_keys door/redeem
$(SCRIPTED:%=$(OUT)/unit/%): LDFLAGS += \
	-Wl,--wrap=http_send,--wrap=http_distrust,--wrap=http_client_wait,--wrap=clock_unix_s,--wrap=clock_mono_ms
$(OUT)/unit/%: $(OUT)/obj/test/unit/%.o $(OUT)/obj/test/unit/stage/threads.o $(UNIT_LIBRARY)
	$(link) -lcmocka

# A main of ours puts the corpus to a target; clang brings one that goes on from there.
# (-fsanitize=fuzzer would put C++'s library before AddressSanitizer's, which wants to be the first.)
ifeq ($(VARIANT),asan)
$(OUT)/fuzz/%: LDLIBS += $(ASAN_FOLDER)libclang_rt.fuzzer-x86_64.a -lstdc++
else
$(FUZZ_TARGETS): $(OUT)/obj/test/fuzz/replay.o
endif
$(OUT)/fuzz/%: LDFLAGS += $(UNIT_LINKER)
$(FUZZ_LIBRARY): $(FUZZ_OBJECTS)
$(UNIT_LIBRARY): $(UNIT_SUPPORT) $(LIBRARY)
$(FUZZ_LIBRARY) $(UNIT_LIBRARY):
	@mkdir -p $(@D) && rm -f $@ && ar rc $@ $^
$(OUT)/fuzz/%: $(OUT)/obj/test/fuzz/%.o $(FUZZ_LIBRARY)
	$(link)

include test/bench/bench.mk
include test/interop/interop.mk

.SECONDARY: $(FUZZ_SOURCES:%.c=$(OUT)/obj/%.o) $(OUT)/obj/test/fuzz/replay.o $(UNIT_SOURCES:%.c=$(OUT)/obj/%.o) $(UNIT_SUPPORT)
FORCE:

ifneq ($(VARIANT),release)
build/release/handler: FORCE
	@$(MAKE) --no-print-directory VARIANT=release $@
endif

-include $(OBJECTS:.o=.d) $(OUT)/obj/test/fixture/table.d $(UNIT_SOURCES:%.c=$(OUT)/obj/%.d) \
	$(UNIT_SUPPORT:.o=.d) $(FUZZ_SOURCES:%.c=$(OUT)/obj/%.d)
