"""What happens by itself as time passes? Due timers fire, leases expire, buffered messages end."""
