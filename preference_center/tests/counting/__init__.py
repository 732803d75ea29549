"""An app for processes beside the tests: a handler whose effects can be counted, also when it should not have had them twice."""
