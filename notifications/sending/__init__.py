"""Sending: lanes, claims, the wire, and the loop that ties them. No mail is lost, and a killed sender leaves at most one in doubt.

    with lane(number) as free:   # one sender a process, one process a lane; the lock dies with its holder
        recover(number)          # what the holder before left at the server
        start → wire → sent      # "this one sent, next one started" is one commit

A service message that a dead sender left started is sent again under the same Message-ID; a marketing message is not, and stands in
doubt. Whether it may go out at all is asked in the transaction that starts it, with the person's chain locked: a withdrawal that was
committed before wins.
"""
