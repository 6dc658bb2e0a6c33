"""veo3.1-video-* on UniAll."""
