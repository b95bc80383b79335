// Package gpu is what the GPU programme is made of. Its tests are `make gpu-test`;
// bench/gpu, which is `make gpu-bench`, stands on the rest of it:
//
//	Subject   a model folder, its graphs and the words of its vocabulary
//	Draw      windows and texts of random content and chosen lengths
//	Card      what nvidia-smi says of the cards; Resident, of this process
//	Service   the portcullis binary as a process of its own
//	Load      texts sent to it over streams, so many at a time
//
// scripts/gpu-test.sh and scripts/gpu-bench.sh tell both, by the environment, on what
// they run. On the CPU they do whatever needs no card.
package gpu
