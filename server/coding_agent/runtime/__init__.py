"""Processes, log events, the client's process. Import the modules themselves: a worker's child imports this room too
and must not pay for asyncio.
"""
