"""Business processes of the portal: templates, running processes and the tasks they give people (bizproc).

Deals are the only documents here. The portal's own code and its REST methods import it.
"""
