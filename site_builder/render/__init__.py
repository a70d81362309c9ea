"""From _posts and harvests to pages."""
