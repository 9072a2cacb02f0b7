# `make interop`.  Included by the Makefile.

.PHONY: interop

interop: deps-integration $(NODE) bin/handler ## clients from PyPI, Go modules and crates.io sign in (ONLY=name, AT=alone or host)
	@HANDLER="$(CURDIR)/bin/handler" $(NODE) test/interop/interop.mjs $(if $(ONLY),--only '$(ONLY)') $(if $(AT),--at '$(AT)')
