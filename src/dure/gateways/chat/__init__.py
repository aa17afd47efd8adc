# SPDX-License-Identifier: Apache-2.0
"""The chat door: a KakaoTalk channel whose bot asks this server for every answer (a "skill" of its open builder).

The bot can only be answered, never written to: what the city has to say waits until the citizen writes again.
"""
