#!/bin/sh
exec sh "$(dirname "$0")/wso2server.sh" -Dprofile=default start
