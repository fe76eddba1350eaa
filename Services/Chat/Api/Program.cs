using MemoryMesh.Chat;
using MemoryMesh.ServiceDefaults.Hosting;

var builder = MemoryMeshHost.CreateBuilder(args, ChatModule.Name);
builder.Services.AddChatModule();

var app = builder.Build();
app.UseMemoryMeshDefaults();
app.MapChatEndpoints();
return await app.RunMemoryMeshAsync();
