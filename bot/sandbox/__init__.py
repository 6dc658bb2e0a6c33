"""Stand-ins for both services on loopback: the demo, the test double, the page. Protocols only."""
