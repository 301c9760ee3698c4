"""Live here: what a person sees, tried in a real Chromium against the sandbox and the running app.

Nothing in it knows the app's parts: it clicks, drags and reads.
"""
