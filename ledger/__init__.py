"""The append-only record of every act that matters. This file imports nothing, so that `python -m ledger.verify` needs no Django."""
