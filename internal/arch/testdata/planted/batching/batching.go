package batching

import _ "golang.org/x/sync/errgroup" // planted
