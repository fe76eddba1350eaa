using MemoryMesh.AppHost;

return await CommandLine.Parse(args).RunAsync();
