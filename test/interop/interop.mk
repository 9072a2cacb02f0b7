# `make interop`.  Included by the Makefile.

.PHONY: interop

interop: deps-integration $(NODE) bin/handler gateway ## clients from PyPI, Go modules and crates.io sign in (ONLY=name, AT=alone, host or gateway)
	@HANDLER="$(CURDIR)/bin/handler" $(NODE) test/interop/interop.mjs $(if $(ONLY),--only '$(ONLY)') $(if $(AT),--at '$(AT)')
