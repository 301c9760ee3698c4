"""Live here: the offline portal and the offline 1C base as pages for a browser.

Only the demo and the tests may import it. The pages do what people do, through the sandbox's own click
methods, and show the app in a real iframe, opened by the same posts a real portal makes.
"""
