# `make dist`: the static binary and the zip that carries it.  Included by the Makefile.
#
# VARIANT=static compiles against build/dist/root instead of this machine's headers and libraries, so
# that the same commit gives the same bytes on every Debian 12.

# Below the checkout, not from /: the checkout's path may have a blank in it.
DIST_ROOT := build/dist/root
DIST_LIB := $(DIST_ROOT)/usr/lib/x86_64-linux-gnu
DIST_GCC := $(DIST_ROOT)/usr/lib/gcc/x86_64-linux-gnu/12
# Without what a debugger wants, which is not put into the zip and takes a tenth of the compiler's time.
FLAGS_static := $(filter-out -g,$(FLAGS_release)) -fcf-protection=full --sysroot=$(DIST_ROOT)
# Searched before the compiler's own folders, which lie outside of the root.
LDFLAGS_static := -static-pie -Wl,-z,pack-relative-relocs -B$(DIST_LIB)/ -B$(DIST_GCC)/ -L$(DIST_LIB)
LDLIBS_static := -Wl,--fatal-warnings,--wrap=dlopen,-Map=build/static/handler.map \
	-lcurl -lcjson -lcivetweb -lexpat -lz -lnghttp2 -lssl -lcrypto -lcares
SOURCES_static := packaging/no_shared.c
NEEDS_static := build/dist/root/made

UNPACKED := build/dist/unpacked
BULLSEYE := build/dist/bullseye

.PHONY: dist dist-lock dist-configure dist-test dist-test-bullseye deps-dist

dist: deps-dist ## make dist/functions.zip, ready to deploy
	@packaging/fetch.sh
	@$(MAKE) --no-print-directory VARIANT=static dist/functions.zip

dist-lock: deps-dist ## take what Debian offers now into packaging/sources.lock
	@packaging/fetch.sh --lock
	@$(MAKE) --no-print-directory dist-configure

dist-configure: deps-dist ## configure libcurl anew for the static binary, into packaging/curl
	@packaging/fetch.sh
	@$(MAKE) --no-print-directory VARIANT=static libs-configure

dist-test: dist deps-integration $(NODE) build/release/handler-fixture gateway build/bench/bin/startup build/bench/bin/flood ## all integration tests with the zip's binary, chroot, figures
	@rm -rf $(UNPACKED) && unzip -q dist/functions.zip -d $(UNPACKED)
	@export HANDLER="$(CURDIR)/$(UNPACKED)/bin/handler" && \
	$(NODE) --test --test-concurrency=$(shell nproc) test/dist/*.test.mjs && \
	$(NODE) --test --test-concurrency=$(FILES_AT_ONCE) $(INTEGRATION)
	@build/bench/bin/startup 20 -1 18099 $(UNPACKED)/bin/handler --port 18099

dist-test-bullseye: dist $(NODE) ## start it in Debian 11's own root (needs root)
	@test/install.sh bullseye
	@packaging/bullseye.sh $(BULLSEYE)
	@rm -rf $(UNPACKED) && unzip -q dist/functions.zip -d $(UNPACKED)
	@HANDLER="$(CURDIR)/$(UNPACKED)/bin/handler" ROOT=$(BULLSEYE) $(NODE) --test test/dist/travel.test.mjs

deps-dist:
	@test/install.sh build dist

MADE_OF := packaging/sources.lock packaging/libs.sh packaging/dist.mk \
	$(wildcard packaging/civetweb/* packaging/curl/* packaging/patches/*/*)

ifeq ($(VARIANT),static)
CC := gcc-12
CFLAGS += -ffile-prefix-map="$(CURDIR)"=.

LIBS := CC="$(CC)" CFLAGS="$(HARDENING) $(FLAGS_static)" LDFLAGS="$(LDFLAGS_static)" packaging/libs.sh
build/dist/root/made: $(MADE_OF)
	@$(LIBS)

.PHONY: libs-configure
libs-configure:
	@$(LIBS) --configure

# Always written anew: what is in it (git's commit, the function folders) is no file to compare with.
dist/functions.zip: build/static/handler FORCE
	@rm -f build/static/handler.a && ar rcD build/static/handler.a $(OBJECTS)
	@packaging/check-binary.sh $< build/static/handler.a \
		$(addprefix $(DIST_LIB)/,libcurl.a libcjson.a libcivetweb.a)
	@packaging/zip.sh $<
	@packaging/sbom.sh build/static/handler.map
	@echo "  ZIP  $@ ($$(($$(wc -c <$@) / 1024)) KB), $(@:.zip=.cdx.json)"
endif
