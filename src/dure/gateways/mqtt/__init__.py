# SPDX-License-Identifier: Apache-2.0
"""The MQTT door: ``dure/v1/{feed}/{device}/{series}`` at the city's broker, QoS 1. What another envelope (LoRaWAN
network servers, for one) publishes gets a module beside this one that turns it into the same columns."""
