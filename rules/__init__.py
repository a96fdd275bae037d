"""Which rules decide? FEEL expressions (`rules.feel`) and DMN decisions (`rules.dmn`); usable alone."""
