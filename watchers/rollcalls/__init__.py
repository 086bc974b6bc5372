"""Roll calls, as the Clerk of the House and the Secretary of the Senate publish them."""
