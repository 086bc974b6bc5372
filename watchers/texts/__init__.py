"""The text of bills: every published version archived, compared, and watched for being replaced."""
