"""What changes, told live: the ledger's new entries, read once a process and handed to everyone whom they concern.

`feed` reads them, `horizon` knows what may still come, `change` says whom one concerns, `fanout` hands it on, `stream` writes it.
"""
