using MemoryMesh.AppHost;

return args is ["docs"] ? await DocsCommand.RunAsync() : await EmbeddedHost.RunAsync(args);
