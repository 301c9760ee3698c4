"""`python -m b24app`."""

from b24app.cli import main

main()
