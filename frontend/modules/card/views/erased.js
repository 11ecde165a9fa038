/** What is said when there is nobody any more. Nothing of it is kept: the view only has to be there. */

export function show() {}
