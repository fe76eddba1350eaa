using MemoryMesh.AppHost;

return await EmbeddedHost.RunAsync(args);
